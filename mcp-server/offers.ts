import type { PromptKind } from './prompt';
import { prompts } from './prompts';
import type { ResourceKind } from './resource';
import { resources } from './resources';
import type { Services } from './services';
import type { Tool } from './tool';
import { tools } from './tools';

/** All that a server offers to clients. */
export interface Offers<S> {
	readonly tools: ReadonlyArray<Tool<S>>;
	readonly resources: ReadonlyArray<ResourceKind<S>>;
	readonly prompts: ReadonlyArray<PromptKind<S>>;
}

/** What Bulwark offers. */
export const offers: Offers<Services> = { tools, resources, prompts };
