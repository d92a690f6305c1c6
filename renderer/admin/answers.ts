/** The questions that several pages of administration ask. */
import type { DesksAnswer, KeysAnswer, UserAnswer, UsersAnswer } from '../../domain/protocol/admin.ts';
import type { DevicesAnswer, RolesAnswer } from '../../domain/protocol/protocol.ts';
import { holding } from './admin-frame.tsx';

export const isUsers = holding<UsersAnswer>('users');
export const isUser = holding<UserAnswer>('user');
export const isRoles = holding<RolesAnswer>('roles');
export const isDesks = holding<DesksAnswer>('desks');
export const isDevices = holding<DevicesAnswer>('devices');
export const isKeys = holding<KeysAnswer>('keys');
