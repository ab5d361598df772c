// What the code of the README takes for given.
declare const auth: import('stagedoor').Auth;
declare const storage: import('stagedoor').TokenStorage;
declare const email: string, password: string, code: string;
declare function show(text: string): void;
declare type Stage = import('stagedoor').Stage;
declare const AuthError: typeof import('stagedoor').AuthError;
declare const createAuth: typeof import('stagedoor').createAuth;
declare module 'http://localhost:8080/_stagedoor/v1/stagedoor.js' { export * from 'stagedoor'; }
