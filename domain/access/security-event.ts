/**
 * What can happen beside changes of records, and how people are told of it. The list is closed: what is not in it is not
 * written to the audit. Changes of records, imported and restored ones too, have entries of their own.
 */
export const securityEventLabels = {
  signed_in: 'Signed in',
  sign_in_failed: 'Sign-in failed',
  sign_in_blocked: 'Sign-in blocked',
  signed_out: 'Signed out',
  second_factor_failed: 'Second factor failed',
  recovery_code_used: 'Recovery code used',
  recovery_codes_renewed: 'Recovery codes renewed',
  totp_enabled: 'Authenticator app added',
  totp_disabled: 'Authenticator app removed',
  identity_linked: 'Linked to another system',
  passkey_added: 'Passkey added',
  passkey_removed: 'Passkey removed',
  refresh_reused: 'Session token used twice',
  invited: 'Invited',
  reset_requested: 'Password reset asked for',
  password_changed: 'Password changed',
  password_change_failed: 'Password change failed',
  device_renamed: 'Device renamed',
  device_revoked: 'Device removed',
  device_wiped: 'Device emptied itself',
  account_changed: 'Account changed',
  role_changed: 'Role changed',
  key_made: 'API key made',
  key_used: 'API key used',
  key_revoked: 'API key ended',
  settings_changed: 'Settings changed',
  access_refused: 'Refused',
  change_refused: 'Change refused',
  exported: 'Exported',
  imported: 'Imported',
  database_restored: 'Database put back',
  purged: 'Old entries removed',
  person_exported: 'Data of a person exported',
  person_forgotten: 'Personal data removed',
  seal_restarted: 'Seal begun anew',
} as const;

export type SecurityEventKind = keyof typeof securityEventLabels;
