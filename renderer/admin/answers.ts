/** The questions that several pages of administration ask. */
import type {
  AuditMonthsAnswer,
  AuditPurgedAnswer,
  DesksAnswer,
  ForgottenAnswer,
  HealthAnswer,
  HoldLine,
  HoldsAnswer,
  ImportUndoAnswer,
  ImportsAnswer,
  KeysAnswer,
  OptionListsAnswer,
  PurgeAnswer,
  RefusalAnswer,
  RefusalsAnswer,
  SeriesAnswer,
  SettingsAnswer,
  TrashCount,
  TrashPurgedAnswer,
  UserAnswer,
  UsersAnswer,
} from '../../domain/protocol/admin.ts';
import type { DevicesAnswer, RoleLine, RolesAnswer } from '../../domain/protocol/protocol.ts';
import { holding } from './admin-frame.tsx';

export const isUsers = holding<UsersAnswer>('users');
export const isUser = holding<UserAnswer>('user');
export const isRoles = holding<RolesAnswer>('roles');
export const isRole = holding<RoleLine>('grants', 'revision');
export const isRemoved = holding<{ readonly done: true }>('done');
export const isRefusals = holding<RefusalsAnswer>('refusals');
export const isRefusal = holding<RefusalAnswer>('refusal', 'problems');
export const isHealth = holding<HealthAnswer>('database', 'feed');
export const isSeries = holding<SeriesAnswer>('series');
export const isOptionLists = holding<OptionListsAnswer>('lists');
export const isSettings = holding<SettingsAnswer>('settings');
export const isImports = holding<ImportsAnswer>('imports');
export const isImportUndo = holding<ImportUndoAnswer>('removed', 'kept');
export const isHolds = holding<HoldsAnswer>('holds', 'due');
export const isHold = holding<HoldLine>('number', 'placedAt');
export const isPurged = holding<PurgeAnswer>('purged');
export const isTrashCount = holding<TrashCount>('days', 'due');
export const isTrashPurged = holding<TrashPurgedAnswer>('purged');
export const isAuditMonths = holding<AuditMonthsAnswer>('years', 'months');
export const isAuditPurged = holding<AuditPurgedAnswer>('gone', 'left');
export const isForgotten = holding<ForgottenAnswer>('entries', 'events');
export const isDesks = holding<DesksAnswer>('desks');
export const isDevices = holding<DevicesAnswer>('devices');
export const isKeys = holding<KeysAnswer>('keys');
