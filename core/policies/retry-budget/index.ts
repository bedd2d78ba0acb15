export { retryBudget } from './machine';
export { retryBudgetOptions, type RetryBudgetOptions } from './options';
