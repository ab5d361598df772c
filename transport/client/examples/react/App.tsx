import { useState, type SubmitEvent } from 'react';
import type { Auth } from 'stagedoor';
import { attributes, forms, label, read, type Form } from '../journey.js';
import { useAction, useAuth } from './useAuth';

export function App({ auth }: { auth: Auth }) {
  const state = useAuth(auth);
  const [extra, setExtra] = useState<Form | null>(null);
  const all = [...forms(auth, state), ...(extra ? [extra] : [])];
  return <>{all.map((form) => <Ask key={form.id} form={form} then={setExtra} />)}</>;
}

/** A form, by what it says of itself. */
function Ask({ form, then }: { form: Form; then: (next: Form | null) => void }) {
  const { busy, error, run } = useAction();

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const pressed = (event.nativeEvent as globalThis.SubmitEvent).submitter as HTMLButtonElement;
    const values = read(event.currentTarget, form.fields);
    const next = await run(() => form.buttons[Number(pressed.value)]!.run(values));
    if (next !== undefined) then(next);
  }

  return (
    <form onSubmit={submit}>
      <h2>{form.title}</h2>
      {form.text && <p>{form.text}</p>}
      {form.username && <input name="username" autoComplete="username" value={form.username} hidden readOnly />}
      {form.fields.map((field) => {
        const { autocomplete, minlength, maxlength, ...rest } = attributes(field);
        return (
          <label key={field.name}>
            {label(field)} <input {...rest} autoComplete={autocomplete} minLength={minlength} maxLength={maxlength} />
          </label>
        );
      })}
      <p role="alert">{error?.message}</p>
      {form.buttons.map((button, i) => (
        <button key={button.label} value={i} disabled={busy} formNoValidate={button.free}>{button.label}</button>
      ))}
    </form>
  );
}
