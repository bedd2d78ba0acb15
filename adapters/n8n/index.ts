export { openStackSources, type OpenStackSources } from './open-stack-sources';
export type { DatabaseSettings, QueueSettings, StackSettings } from './stack-settings';
