// The same journey on the plain contract, by bearer tokens.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { paths } from "./client/plain.js";
import { ann, keyOfMail, server, totp } from "./desk.js";

const api = createClient<paths>({ baseUrl: server });
let token: string | undefined;
api.use({
  onRequest({ request }) {
    if (token) request.headers.set("Authorization", `Bearer ${token}`);
    return request;
  },
});

const signup = await api.POST("/auth/signup", { body: ann });
assert.equal(signup.data?.flow, "verify_email");

const verified = await api.POST("/auth/email/verify", { body: { key: await keyOfMail() } });
assert.equal(verified.data?.verified, true);

const login = await api.POST("/auth/login", { body: ann });
token = login.data?.access_token;
assert.ok(token);

const offer = await api.POST("/auth/mfa/totp/add");
assert.ok(offer.data);
const { secret } = offer.data;
const activate = async () => api.POST("/auth/mfa/totp/confirm", { body: { secret, code: await totp(secret) } });
let active = await activate();
if (active.response.status === 401) {
  assert.ok(active.error && "flow" in active.error && active.error.flow === "reauthenticate");
  const proved = await api.POST("/auth/stages/reauthenticate", { body: { password: ann.password } });
  assert.equal(proved.response.status, 200);
  active = await activate();
}
assert.equal(active.data?.authenticator.type, "totp");

const logout = await api.POST("/auth/logout");
assert.equal(logout.response.status, 200);
token = undefined;

const again = await api.POST("/auth/login", { body: ann });
assert.ok(again.error && "flow_token" in again.error && again.error.flow_token);
assert.equal(again.error.flow, "mfa_authenticate");
const entered = await api.POST("/auth/mfa/authenticate", { body: { token: again.error.flow_token, code: await totp(secret) } });
token = entered.data?.access_token;

const end = await api.GET("/auth/session");
assert.ok(end.data);
console.log(`${end.data.user.email} is signed in by ${end.data.methods.map((m) => m.method).join(" ")}`);
