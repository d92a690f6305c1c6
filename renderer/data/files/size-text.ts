import { formatDecimal } from '../../../domain/units/decimal.ts';

const KILO = 1024;
/** 1,536 bytes -> "1.5 KB". */
export function sizeText(bytes: number): string {
  if (bytes < KILO) return `${bytes} B`;
  const [unit, by] = bytes < KILO * KILO ? ['KB', KILO] : ['MB', KILO * KILO];
  return `${formatDecimal(Math.round((bytes * 10) / Number(by)), 1)} ${unit}`;
}
