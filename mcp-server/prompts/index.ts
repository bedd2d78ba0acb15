import type { PromptKind } from '../prompt';
import type { Services } from '../services';
import { playbookPrompts } from './playbook-prompts';

/** All prompts, by name. */
export const prompts: ReadonlyArray<PromptKind<Services>> = [...playbookPrompts];
