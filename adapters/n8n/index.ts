export { openStackSources, type OpenStackSources } from './open-stack-sources';
export { readerOf, SettingFileError, type Environment, type Read } from './setting-reader';
export { settingsIn } from './settings-in';
export type { DatabaseSettings, N8nAddress, QueueSettings, StackSettings } from './stack-settings';
