export { describeOptions, type OptionDescription } from './describe-options';
export { areDifferent, httpAddress } from './http-address';
export { choice, decimal, duration, integer, LONGEST_DURATION_MS, text, toggle } from './option';
export type { OptionMeta } from './option';
export { parseOptions, showValue } from './parse-options';
