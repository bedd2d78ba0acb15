export { examine } from './examine';
export type { Finding } from './finding';
export { showFindings } from './show-findings';
