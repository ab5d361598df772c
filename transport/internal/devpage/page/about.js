// What is running.
import { look } from './place.js';
import { h } from './dom.js';

export function about() {
  const list = h('dl');
  const el = h('div', {}, h('h3', {}, 'What is running'), list);
  let asked = false;
  return {
    id: 'about', label: 'Server', el,
    async shown() {
      if (asked) return;
      asked = true;
      const answer = await look('about.json');
      if (!answer) return;
      const rows = [['version', answer.version], ['address', answer.origin], ...answer.notes.map((n) => [n.about, n.says, n.hint])];
      list.replaceChildren(...rows.flatMap(([k, v, hint]) => [h('dt', {}, k), h('dd', {}, v, hint && h('p', { class: 'quiet' }, hint))]));
    },
  };
}
