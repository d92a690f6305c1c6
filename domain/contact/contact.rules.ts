/** Rules of contacts: hints only, because a name on a scrap of paper is worth keeping. */
import { type Problem, soft } from '../entity/problem.ts';
import { defineNoun } from '../record/noun.ts';
import { type Contact, contact } from './contact.entity.ts';

export function checkContact(after: Contact): Problem[] {
  const problems: Problem[] = [];
  const reachable = [after.email, after.phone, after.directPhone, after.mobilePhone, after.otherEmails, after.otherPhones].some(
    (way) => way !== undefined,
  );
  if (!reachable) problems.push(soft('phone', 'unreachable', 'The contact has neither a phone number nor an e-mail address.', 'D5'));
  const linked = after.supplierId !== '' || after.customerId !== '' || after.carrierId !== undefined || after.otherPartyIds !== undefined;
  if (!linked) problems.push(soft('supplierId', 'unlinked', 'The contact belongs to no supplier, customer or carrier yet.', 'D5'));
  if (after.recallContact === true && !reachable)
    problems.push(soft('recallContact', 'recall_unreachable', 'A 24-hour recall contact needs a phone number.', 'D5'));
  return problems;
}

export const contactNoun = defineNoun(contact, { check: checkContact });
