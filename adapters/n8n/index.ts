export { openStackSources, type OpenStackSources } from './open-stack-sources';
export type { DatabaseSettings, N8nAddress, QueueSettings, StackSettings } from './stack-settings';
