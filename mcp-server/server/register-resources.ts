import {
	ProtocolError,
	ProtocolErrorCode,
	ResourceNotFoundError,
	ResourceTemplate,
	type McpServer,
} from '@modelcontextprotocol/server';

import { BulwarkError } from '../../core/errors';
import type { ResourceKind, Variables } from '../resource';
import { CallNotes, explained } from './call-notes';
import type { Asking, ToolHost } from './tool-host';

/** Offers resources of one kind to clients: with their reading noted, and without secrets. */
export function registerResources<Services>(
	server: McpServer,
	kind: ResourceKind<Services>,
	host: ToolHost<Services>,
	{ who }: Asking,
): void {
	const { name, title, description, mimeType, uriTemplate } = kind;
	const template = new ResourceTemplate(uriTemplate, {
		list: kind.list && (() => ({ resources: listed(kind) })),
		complete: Object.fromEntries(
			Object.entries(kind.complete).map(([variable, complete]) => [
				variable,
				async (begun: string, context?: { arguments?: Record<string, string> }) => {
					const found = await complete(begun, context?.arguments ?? {}, host.services);
					return host.redactor.data([...found]);
				},
			]),
		),
	});
	server.registerResource(name, template, { title, description, mimeType }, async (uri, given) => {
		const variables = decoded(given);
		const notes = new CallNotes(host, {
			who,
			operation: `read ${name}`,
			input: variables ?? { uri: uri.href },
		});
		try {
			const text = variables && (await kind.read(variables, host.services));
			if (text === undefined) throw new ResourceNotFoundError(uri.href);
			const unnoted = await notes.after('done');
			const told = [text, ...unnoted].map((one) => host.redactor.text(one));
			return {
				contents: told.map((one, place) => ({
					uri: uri.href,
					mimeType: place === 0 ? mimeType : 'text/plain',
					text: one,
				})),
			};
		} catch (error) {
			const isNone = error instanceof ResourceNotFoundError;
			const problem = isNone ? 'There is none' : explained(error);
			const unnoted = await notes.after('failed', problem);
			if (isNone) throw error;
			if (!(error instanceof BulwarkError)) host.onError(error as Error);
			const lines = [problem, ...unnoted].join('\n');
			throw new ProtocolError(ProtocolErrorCode.InternalError, host.redactor.text(lines));
		}
	});
}

function listed<Services>(kind: ResourceKind<Services>) {
	const found = kind.list?.() ?? [];
	return found.map(({ variables, title, description }) => ({
		uri: kind.uriTemplate.replace(/\{(\w+)\}/g, (_, name: string) =>
			encodeURIComponent(variables[name] ?? ''),
		),
		name: Object.values(variables).join('/'),
		title,
		description,
		mimeType: kind.mimeType,
	}));
}

/** The template gives texts as they stand in the address. Undefined where that cannot be one of ours. */
function decoded(given: Readonly<Record<string, string | string[]>>): Variables | undefined {
	try {
		return Object.fromEntries(
			Object.entries(given).map(([name, value]) => [
				name,
				decodeURIComponent([value].flat().join()),
			]),
		);
	} catch {
		return undefined;
	}
}
