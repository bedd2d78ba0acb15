import type { ToolAnnotations } from '@modelcontextprotocol/server';
import type { z } from 'zod';

import type { Principal, Role } from '../core/access';
import type { Confirm, OnProgress } from '../core/change-plans';

/** What a tool does to the stack, as clients are told. */
export type ToolEffect = 'looks' | 'plans' | 'changes';

/** A call of a tool, apart from its arguments. */
export interface ToolCall {
	readonly who: Principal;
	/** Aborted when the client cancels. */
	readonly signal: AbortSignal;
	readonly onProgress: OnProgress;
	readonly confirm: Confirm;
	/** Whether a text would leave the server without a part of it. */
	readonly holdsSecret: (text: string) => boolean;
}

/** What a tool answers. */
export interface ToolAnswer<Output> {
	readonly output: Output;
	/** A line, or a few, for whoever reads no structured content. What others wrote in it breaks no line. */
	readonly text: string | readonly string[];
}

/** One tool: what it is called, what it takes and gives, who may call it, and what it does. */
export interface Tool<
	Services = never,
	Input extends z.ZodObject = z.ZodObject,
	Output extends z.ZodObject = z.ZodObject,
> {
	/** Lower case with underscores; stays the same for two major versions. */
	readonly name: string;
	readonly title: string;
	readonly description: string;
	readonly role: Role;
	readonly effect: ToolEffect;
	readonly input: Input;
	readonly output: Output;
	run(
		input: z.output<Input>,
		call: ToolCall,
		services: Services,
	): Promise<ToolAnswer<z.input<Output>>>;
}

/** Lets TypeScript find out the types of a tool's arguments and answers. */
export const defineTool = <Services, Input extends z.ZodObject, Output extends z.ZodObject>(
	tool: Tool<Services, Input, Output>,
): Tool<Services, Input, Output> => tool;

/** What clients are told of a tool's effect. */
export const annotationsOf = ({
	title,
	effect,
}: Pick<Tool, 'title' | 'effect'>): ToolAnnotations => ({
	title,
	readOnlyHint: effect !== 'changes',
	destructiveHint: effect === 'changes',
	idempotentHint: effect === 'looks',
	openWorldHint: false,
});
