/** Sessions, users and tokens, as the gateway keeps them. */

import { get, post, send } from './api.ts';
import type { AccessRole, Page, Permission, SessionView, TokenMade, TokenView, UserView } from './types.ts';

export const session = (): Promise<SessionView> => get('session');
export const logIn = (name: string, password: string) => send<SessionView>('session/log-in', { name, password });
export const setUp = (code: string, name: string, password: string) => send<SessionView>('setup', { code, name, password });
export const logOut = (everywhere: boolean) => post('session/log-out', { everywhere });
export const confirm = (password: string) => send<SessionView>('session/confirm', { password });
export const activity = () => post('session/activity', {});
export const changePassword = (old: string, fresh: string) => send<SessionView>('session/password', { old, new: fresh });

/** There are never more than a page. */
export const users = async (): Promise<UserView[]> => (await get<Page<UserView>>('users?limit=5000')).items;
export const addUser = (name: string, role: AccessRole, password: string, reason: string) => post('users/add', { name, role, password, reason });
export const changeRole = (name: string, role: AccessRole, reason: string) => post(`users/${encodeURIComponent(name)}/role`, { role, reason });
export const resetPassword = (name: string, password: string, reason: string) => post(`users/${encodeURIComponent(name)}/password`, { password, reason });
export const removeUser = (name: string, reason: string) => post(`users/${encodeURIComponent(name)}/remove`, { reason });

export const tokens = async (): Promise<TokenView[]> => (await get<Page<TokenView>>('tokens?limit=5000')).items;
export const addToken = (name: string, role: AccessRole, days: number | null, scopes: readonly Permission[], networks: readonly string[]) =>
  send<TokenMade>('tokens/add', { name, role, days, scopes, networks });
export const removeToken = (name: string, reason: string) => post(`tokens/${encodeURIComponent(name)}/remove`, { reason });
