import type { Clock } from '../../core/ports';
import type { StackSources } from '../../core/stack';
import type { StackSettings } from './stack-settings';

/** Sources, and how to end them. */
export interface OpenStackSources {
	readonly sources: StackSources;
	close(): Promise<void>;
}

/** Puts together whom an n8n can be asked by. Connects to nothing before something is asked. */
export function openStackSources(_settings: StackSettings, _clock: Clock): OpenStackSources {
	return { sources: {}, close: () => Promise.resolve() };
}
