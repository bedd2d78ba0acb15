export { idOfToken, principalOf, TOKENS, tokenText, type AccessToken } from './access-token';
export type { Principal } from './principal';
export { mayActAs, ROLES, type Role } from './role';
