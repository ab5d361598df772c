// The journey of an account on the headless contract, as an app, by a generated client.
import assert from "node:assert/strict";
import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./client/headless.js";
import { ann, keyOfMail, server, totp } from "./desk.js";

type Flow = components["schemas"]["Flow"];

// session keeps the token: an app sends back the last one that it was given, and forgets it
// when it signs out, or when the server does not know it any more.
function session(): Middleware {
  let token: string | undefined;
  return {
    onRequest({ request }) {
      if (token) request.headers.set("X-Session-Token", token);
      return request;
    },
    async onResponse({ request, response }) {
      const { meta } = (await response.clone().json()) as { meta?: { session_token?: string } };
      token = meta?.session_token ?? token;
      if (response.status === 410 || request.method === "DELETE") token = undefined;
    },
  };
}

// pending is the flow that the server waits for.
function pending(flows: readonly Flow[] | undefined): Flow | undefined {
  return flows?.find((flow) => flow.is_pending);
}

const api = createClient<paths>({ baseUrl: `${server}/_allauth` });
api.use(session());

const signup = await api.POST("/app/v1/auth/signup", { body: ann });
assert.ok(signup.error?.status === 401);
assert.equal(pending(signup.error.data.flows)?.id, "verify_email");

const key = await keyOfMail();
const verified = await api.POST("/app/v1/auth/email/verify", { body: { key } });
assert.ok(verified.error?.status === 401);
assert.equal(pending(verified.error.data.flows), undefined);

const login = await api.POST("/app/v1/auth/login", { body: ann });
assert.equal(login.data?.data.user.email, ann.email);

const none = await api.GET("/app/v1/account/authenticators/totp");
assert.ok(none.error?.status === 404);
const { secret } = none.error.meta;

let active = await api.POST("/app/v1/account/authenticators/totp", { body: { code: await totp(secret) } });
if (active.error?.status === 401) {
  assert.ok(active.error.data.flows.some((flow) => flow.id === "reauthenticate"));
  const proved = await api.POST("/app/v1/auth/reauthenticate", { body: { password: ann.password } });
  assert.equal(proved.data?.data.methods.at(-1)?.reauthenticated, true);
  active = await api.POST("/app/v1/account/authenticators/totp", { body: { code: await totp(secret) } });
}
assert.equal(active.data?.data.type, "totp");

const logout = await api.DELETE("/app/v1/auth/session");
assert.equal(logout.response.status, 401);

const again = await api.POST("/app/v1/auth/login", { body: ann });
assert.ok(again.error?.status === 401);
const factor = pending(again.error.data.flows);
assert.equal(factor?.id, "mfa_authenticate");
assert.ok(factor.types?.includes("totp"));

const entered = await api.POST("/app/v1/auth/2fa/authenticate", { body: { code: await totp(secret) } });
assert.equal(entered.response.status, 200);

const end = await api.GET("/app/v1/auth/session");
assert.ok(end.data?.meta.is_authenticated);
console.log(`${end.data.data.user.email} is signed in by ${end.data.data.methods.map((m) => m.method).join(" ")}`);
