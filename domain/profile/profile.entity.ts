/** How a user appears and works. The account with its password and rights is the server's own. */
import { type DocumentOf, defineEntity } from '../entity/entity.ts';
import { choice, flag, instant, integer, money, ref, text, texts } from '../entity/field.ts';

export const profile = defineEntity({
  noun: 'profile',
  collection: 'profiles',
  label: 'User profile',
  labels: 'User profiles',
  title: 'name',
  personal: ['name', 'username', 'firstName', 'lastName', 'bio'],
  fields: {
    accountId: text('Account', { required: true, unique: true, max: 36, aliases: ['user', 'user_id'] }),
    name: text('Name', { required: true, index: true, max: 300, aliases: ['display_name', 'Full Name'] }),
    username: text('User name', { unique: true, max: 150 }),
    firstName: text('First name', { max: 150 }),
    lastName: text('Last name', { max: 150 }),
    email: text('E-mail', { max: 254, format: 'email', aliases: ['internalemailaddress', 'E-mail address'] }),
    phone: text('Phone', { max: 100, format: 'phone' }),
    department: text('Department', { max: 100 }),
    jobTitle: text('Job title', { max: 100 }),
    imageId: ref('Profile image', 'attachments', { aliases: ['profile_image'] }),
    timezone: text('Time zone', { max: 50, default: 'UTC', format: 'timezone' }),
    emailNotifications: flag('E-mail notifications', { default: true, aliases: ['email_notifications'] }),
    bio: text('Bio', { max: 5000, long: true }),
    role: choice('Role', { admin: 'Admin', broker: 'Broker', field: 'Field', accounting: 'Accounting' }, { computed: true }),
    partyId: ref('Party', 'parties', { hint: 'The broker as payee of commissions' }),
    brokerCode: text('Broker code', { max: 20 }),
    deviceIds: texts('Devices', { max: 50, each: 60, computed: true }),
    approvalLimit: money('Approval limit', {}),
    defaultView: text('First screen', { max: 100, aliases: ['default_view'] }),
    theme: choice('Theme', { light: 'Light', dark: 'Dark', auto: 'As the system' }, {}),
    offlineLockDays: integer('Days until an offline device locks', { most: 365 }),
    lastSignInAt: instant('Last sign-in', { computed: true, aliases: ['last_login'] }),
  },
  indexes: [],
  views: [{ name: 'user_profiles' }],
});
export type Profile = DocumentOf<typeof profile>;
