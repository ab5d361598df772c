import { bind } from './binding.js';

const url = 'http://localhost:8080'; // where your server is
const main = document.querySelector('main');
try {
  const { createAuth } = await import(`${url}/_stagedoor/v1/stagedoor.js`);
  bind(createAuth({ url }), main);
} catch (error) {
  main.textContent = `No server answers at ${url}: start one, or write into page.js where yours is.`;
  throw error;
}
