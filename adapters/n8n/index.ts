export { openStackSources, type OpenStackSources } from './open-stack-sources';
export { readerOf, type Environment, type Read } from './setting-reader';
export type { DatabaseSettings, N8nAddress, QueueSettings, StackSettings } from './stack-settings';
