// What the inspector knows of the app that it stands beside: the page's own client, and the fields
// that codes go into. Nothing here needs more of the app than what any page would have.

// client is the app's, once it is there; a page that has none is inspected without.
export const client = (async () => {
  const from = document.body.dataset.app;
  if (!from) return undefined;
  try {
    return (await import(`${from}auth.js`)).auth;
  } catch {
    return undefined;
  }
})();

// seen tells whether somebody could see an element, and whether it takes input.
const seen = (el) => el.getClientRects().length > 0 && !el.disabled && !el.readOnly;

// codeField is where a code belongs that the app waits for.
export const codeField = () => [...document.querySelectorAll('input[autocomplete~="one-time-code"], input[data-code]')].find(seen);

// passkeyField is where the app lets a passkey be picked among what is filled in.
export const passkeyField = () => [...document.querySelectorAll('input[autocomplete~="webauthn"]')].find(seen);

// fill enters a code as if it had been typed, and sends the form off unless something is left to
// be filled in. Where nothing waits for a code it is copied. It says what it did.
export async function fill(code) {
  const field = codeField();
  if (!field) {
    await navigator.clipboard?.writeText(code).catch(() => {});
    return 'copied';
  }
  const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value');
  set.call(field, code); // by way of the element itself: frameworks watch the property
  field.dispatchEvent(new Event('input', { bubbles: true }));
  field.dispatchEvent(new Event('change', { bubbles: true }));
  const blank = [...(field.form?.elements ?? [])].find((e) => e.required && seen(e) && e.type !== 'checkbox' && !e.value);
  if (blank) blank.focus();
  else field.form?.requestSubmit();
  return 'filled';
}
