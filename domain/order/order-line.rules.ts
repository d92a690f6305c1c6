/** Rules of one order line: price units (R4), catch weights (R5), plausible weights (R6). Source: broker rules, section 4. */
import { type Company, usualCompany } from '../access/company.ts';
import { type Problem, hard, soft } from '../entity/problem.ts';
import { type Parsed, formatDecimal } from '../units/decimal.ts';
import { type EnteredPrice, extendCount, extendWeight, isWeightPrice, priceDeviation } from '../units/price.ts';
import { type Cents, type Weight, divideHalfUp, weight } from '../units/units.ts';
import { type WeightList, formatWeight, parseWeightList } from '../units/weight.ts';
import { type OrderLine, WEIGHT_MAX } from './order.entity.ts';

type Settings = Pick<Company, 'settings'>;
/** What a product says of its cases, for R6. */
export interface CaseBounds {
  readonly poundsPerCaseMin?: Weight;
  readonly poundsPerCase?: Weight;
  readonly poundsPerCaseMax?: Weight;
}

const typedWeights = (line: OrderLine): Parsed<WeightList> | undefined =>
  line.caseWeights === undefined || line.caseWeights === '' ? undefined : parseWeightList(line.caseWeights, line.weightUnit ?? 'lb');
const usable = (list: Parsed<WeightList> | undefined): WeightList | undefined =>
  list?.ok === true && list.value.total <= WEIGHT_MAX ? list.value : undefined;
/** The weights of a line's packing list; undefined where there is none or it cannot be read. */
const caseWeights = (line: OrderLine): WeightList | undefined => usable(typedWeights(line));

/** The weight that the price is extended by: net where known, else the estimate of the deal. */
export const billingWeight = (line: Pick<OrderLine, 'netWeight' | 'orderedWeight'>): Weight | undefined =>
  line.netWeight ?? line.orderedWeight;
/** True while a line by weight is valued by its estimate, because no weights have come in. */
export const isEstimated = (line: Pick<OrderLine, 'netWeight' | 'orderedWeight'>): boolean =>
  line.netWeight === undefined && line.orderedWeight !== undefined;

/** Price x quantity, extended once for the line and rounded once, half up. [R4] [R5] Undefined while something is missing. */
export function lineAmount(
  line: Pick<OrderLine, 'price' | 'priceUnit' | 'cases' | 'loads' | 'netWeight' | 'orderedWeight'>,
): Cents | undefined {
  const { price, priceUnit } = line;
  if (price === undefined || priceUnit === undefined) return undefined;
  if (isWeightPrice(priceUnit)) {
    const net = billingWeight(line);
    return net === undefined ? undefined : extendWeight(net, price, priceUnit);
  }
  const count = priceUnit === 'case' ? line.cases : line.loads;
  return count === undefined ? undefined : extendCount(count, price);
}

/** Fills net weight and number of cases from the packing list, and the amount. */
export function deriveLine(line: OrderLine): OrderLine {
  const { amount: _, ...rest } = line;
  const list = caseWeights(line);
  const weighed: OrderLine = list ? { ...rest, netWeight: list.total, cases: rest.cases ?? list.weights.length } : rest;
  const amount = lineAmount(weighed);
  return amount === undefined ? weighed : { ...weighed, amount };
}

/** Warns of a price further from its reference than the company set, such as a price per cwt entered per lb. [R4] */
export function priceWarning(entered: EnteredPrice, reference: EnteredPrice, path = '', { settings }: Settings = usualCompany): Problem[] {
  const deviation = priceDeviation(entered.price, entered.unit, reference.price, reference.unit);
  if (deviation === undefined || Math.abs(deviation) <= settings.price_warning_percent * 100) return [];
  const by = `${formatDecimal(Math.abs(deviation), 2)} %`;
  return [
    soft(
      `${path}price`,
      'far_from_reference',
      `The price is ${by} ${deviation > 0 ? 'above' : 'below'} its reference; check the price unit.`,
      'R4',
    ),
  ];
}

/** Average weight of a case, to 1/100 lb. */
export const averageCase = (net: Weight, cases: number): Weight => weight(divideHalfUp(BigInt(net), BigInt(cases)));

/**
 * Asks about weights that cannot be right: the average case outside the product's bounds, single cases further from the
 * average than the company set, a packing list with another number of cases. [R6]
 */
export function weightWarnings(line: OrderLine, bounds: CaseBounds = {}, path = '', company: Settings = usualCompany): Problem[] {
  return warningsOf(line, { list: caseWeights(line), bounds, path, company });
}
interface Weighing {
  readonly list: WeightList | undefined;
  readonly bounds: CaseBounds;
  readonly path: string;
  readonly company: Settings;
}
function warningsOf(line: OrderLine, { list, bounds, path, company }: Weighing): Problem[] {
  const problems: Problem[] = [];
  const net = list?.total ?? line.netWeight;
  if (list && line.cases !== undefined && line.cases !== list.weights.length) {
    problems.push(soft(`${path}cases`, 'case_count', `The line has ${line.cases} cases, its packing list ${list.weights.length}.`, 'R6'));
  }
  if (net !== undefined && line.cases !== undefined && line.container !== 'load') {
    const average = averageCase(net, line.cases);
    const { poundsPerCaseMin: least, poundsPerCaseMax: most } = bounds;
    if ((least !== undefined && average < least) || (most !== undefined && average > most)) {
      problems.push(
        soft(
          `${path}netWeight`,
          'implausible_average',
          `The average case is ${formatWeight(average)}; this product has ${caseRange(least, most)}.`,
          'R6',
        ),
      );
    }
  }
  if (list && list.weights.length > 1) problems.push(...oddCases(list, path, company));
  return problems;
}

const caseRange = (least: Weight | undefined, most: Weight | undefined): string =>
  [
    ...(least === undefined ? [] : [`at least ${formatWeight(least)}`]),
    ...(most === undefined ? [] : [`at most ${formatWeight(most)}`]),
  ].join(' and ');

/** Single cases far from the average of their list, the first three named. */
function oddCases(list: WeightList, path: string, { settings: { case_weight_percent: percent } }: Settings): Problem[] {
  const count = BigInt(list.weights.length);
  const sum = list.weights.reduce((total, value) => total + BigInt(value), 0n);
  // |case - sum/count| > percent of sum/count, multiplied out so that nothing is rounded.
  const odd = list.weights.flatMap((value, i) => {
    const distance = BigInt(value) * count - sum;
    return (distance < 0n ? -distance : distance) * 100n > BigInt(percent) * sum ? [`case ${i + 1} with ${formatWeight(value)}`] : [];
  });
  if (odd.length === 0) return [];
  const named = odd.slice(0, 3).join(', ') + (odd.length > 3 ? ` and ${odd.length - 3} more` : '');
  return [soft(`${path}caseWeights`, 'implausible_case', `More than ${percent} % from the average: ${named}. Check them.`, 'R6')];
}

const hasQuantity = (line: OrderLine): boolean => line.cases !== undefined || line.loads !== undefined || (billingWeight(line) ?? 0) > 0;

/** Problems of one line. What a draft may still lack is hard once the order is agreed (`binding`). */
export function checkLine(line: OrderLine, path: string, binding: boolean, company: Settings = usualCompany): Problem[] {
  const problems: Problem[] = [];
  const lacking = binding ? hard : soft;
  if (!hasQuantity(line))
    problems.push(lacking(`${path}cases`, 'no_quantity', `"${line.description}" needs a number of cases or a weight.`, 'D2'));
  if (line.price === undefined) problems.push(lacking(`${path}price`, 'no_price', `"${line.description}" has no price yet.`, 'D3'));
  else if (line.priceUnit === undefined)
    problems.push(
      hard(`${path}priceUnit`, 'no_price_unit', `Say what the price of "${line.description}" is for: lb, cwt, kg, case or load.`, 'R4'),
    );
  else if (line.amount === undefined && hasQuantity(line)) {
    const needed = isWeightPrice(line.priceUnit) ? 'its weight' : line.priceUnit === 'case' ? 'the number of cases' : 'the number of loads';
    problems.push(
      soft(`${path}amount`, 'no_amount', `"${line.description}" is priced per ${line.priceUnit}; its amount needs ${needed}.`, 'R4'),
    );
  }
  const list = typedWeights(line);
  if (list?.ok === false) problems.push(hard(`${path}caseWeights`, list.code, list.message, 'R5'));
  if (list?.ok && list.value.total > WEIGHT_MAX) {
    problems.push(hard(`${path}caseWeights`, 'too_large', 'The case weights add up to more than a line can hold; check the unit.', 'R5'));
  }
  if (
    line.price !== undefined &&
    line.priceUnit !== undefined &&
    line.referencePrice !== undefined &&
    line.referencePriceUnit !== undefined
  ) {
    problems.push(
      ...priceWarning(
        { price: line.price, unit: line.priceUnit },
        { price: line.referencePrice, unit: line.referencePriceUnit },
        path,
        company,
      ),
    );
  }
  problems.push(...warningsOf(line, { list: usable(list), bounds: {}, path, company }));
  return problems;
}
