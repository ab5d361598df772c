import { useState } from 'react';
import { Pressable, ScrollView, Switch, Text, TextInput, View } from 'react-native';
import type { Auth } from 'stagedoor';
import { forms, label, typed, type Button, type Form } from '../journey.js';
import { useAction, useAuth } from '../react/useAuth';

export function App({ auth }: { auth: Auth }) {
  const state = useAuth(auth);
  const [extra, setExtra] = useState<Form | null>(null);
  const all = [...forms(auth, state), ...(extra ? [extra] : [])];
  return <ScrollView>{all.map((form) => <Ask key={form.id} form={form} then={setExtra} />)}</ScrollView>;
}

/** A form, by what it says of itself. */
function Ask({ form, then }: { form: Form; then: (next: Form | null) => void }) {
  const { busy, error, run } = useAction();
  const [entered, setEntered] = useState<Record<string, string | boolean>>({});

  async function press(button: Button) {
    const next = await run(() => button.run(typed(form.fields, (name) => entered[name])));
    if (next !== undefined) then(next);
  }

  return (
    <View>
      <Text accessibilityRole="header">{form.title}</Text>
      {form.text && <Text>{form.text}</Text>}
      {form.fields.map((field) => {
        const common = { accessibilityLabel: label(field), testID: field.name };
        const change = (value: string | boolean) => setEntered((all) => ({ ...all, [field.name]: value }));
        if (field.type === 'bool') return <Switch {...common} key={field.name} value={Boolean(entered[field.name])} onValueChange={change} />;
        return (
          <TextInput {...common} key={field.name} placeholder={label(field)} value={String(entered[field.name] ?? '')} onChangeText={change}
            secureTextEntry={field.type === 'secret'} autoCapitalize="none" autoComplete={field.type === 'code' ? 'one-time-code' : undefined} />
        );
      })}
      {error && <Text accessibilityRole="alert">{error.message}</Text>}
      {form.buttons.map((button) => (
        <Pressable key={button.label} accessibilityRole="button" disabled={busy} onPress={() => press(button)}><Text>{button.label}</Text></Pressable>
      ))}
    </View>
  );
}
