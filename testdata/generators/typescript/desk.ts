// What a person has besides the client: a mailbox and an authenticator app. The test that
// started the server plays both.

function given(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

async function ask(path: string, query: Record<string, string>): Promise<string> {
  const answer = await fetch(`${given("DESK")}${path}?${new URLSearchParams(query)}`);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.text();
}

/** Where the server is, without a path. */
export const server = given("SERVER");

/** Who signs up. */
export const ann = { email: given("EMAIL"), password: "violet harbour 7" };

/** The key of the link, or the code, in the next mail to Ann. */
export const keyOfMail = () => ask("/mail", { to: ann.email });

/** The code that an authenticator app shows for a secret, never the same one twice. */
export const totp = (secret: string) => ask("/totp", { secret });
