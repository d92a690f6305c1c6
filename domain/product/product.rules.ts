/** Rules of catalogue items: case weights in order (R6), a GTIN with the right check digit (R20). */
import { type Problem, hard, soft } from '../entity/problem.ts';
import { defineNoun } from '../record/noun.ts';
import { type Product, product } from './product.entity.ts';

/** Check digit of GTIN-8 to -14 and SSCC: digits weighted 3, 1, 3, ... from the right, up to the next ten. [R20] */
export function checkDigit(digits: string): number {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) sum += Number(digits[digits.length - 1 - i]) * (i % 2 === 0 ? 3 : 1);
  return (10 - (sum % 10)) % 10;
}
export const isGtin = (text: string): boolean =>
  /^(\d{8}|\d{12,14})$/.test(text) && checkDigit(text.slice(0, -1)) === Number(text.slice(-1));

export function checkProduct(after: Product): Problem[] {
  const problems: Problem[] = [];
  const { poundsPerCaseMin: least, poundsPerCase: average, poundsPerCaseMax: most } = after;
  if (least !== undefined && most !== undefined && least > most) {
    problems.push(hard('poundsPerCaseMax', 'bounds_crossed', 'The largest weight per case is below the least; correct one of them.', 'R6'));
  } else if (average !== undefined && ((least !== undefined && average < least) || (most !== undefined && average > most))) {
    problems.push(
      hard(
        'poundsPerCase',
        'average_out_of_bounds',
        'The average weight per case is not between the least and the largest; correct one of them.',
        'R6',
      ),
    );
  }
  if (after.gtin !== undefined && !isGtin(after.gtin))
    problems.push(soft('gtin', 'bad_gtin', `GTIN ${after.gtin} has a wrong length or check digit; read it again from the label.`, 'R20'));
  return problems;
}

export const productNoun = defineNoun(product, { check: checkProduct });
