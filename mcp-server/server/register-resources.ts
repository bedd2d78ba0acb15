import {
	ProtocolError,
	ProtocolErrorCode,
	ResourceNotFoundError,
	ResourceTemplate,
	type McpServer,
} from '@modelcontextprotocol/server';

import { BulwarkError } from '../../core/errors';
import type { ResourceKind, Variables } from '../resource';
import type { Asking, ToolHost } from './register-tool';

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
		const operation = `read ${name}`;
		const variables = decoded(given, uri);
		try {
			const text = await kind.read(variables, host.services);
			if (text === undefined) throw new ResourceNotFoundError(uri.href);
			await host.audit({ who, operation, input: variables, outcome: 'done' });
			return { contents: [{ uri: uri.href, mimeType, text: host.redactor.text(text) }] };
		} catch (error) {
			throw await explained(error, async (detail) => {
				await host.audit({ who, operation, input: variables, outcome: 'failed', detail });
			});
		}
	});

	async function explained(
		error: unknown,
		note: (detail: string) => Promise<void>,
	): Promise<Error> {
		if (error instanceof ProtocolError) return error;
		if (!(error instanceof BulwarkError)) host.onError(error as Error);
		const problem =
			error instanceof BulwarkError
				? `${error.code}: ${error.message}. ${error.remedy}.`
				: 'INTERNAL: Something went wrong that nobody expected. Look into the log of the server.';
		await note(host.redactor.text(problem));
		return new ProtocolError(ProtocolErrorCode.InternalError, host.redactor.text(problem));
	}
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

/** The template gives texts as they stand in the address. */
function decoded(given: Readonly<Record<string, string | string[]>>, uri: URL): Variables {
	try {
		return Object.fromEntries(
			Object.entries(given).map(([name, value]) => [
				name,
				decodeURIComponent([value].flat().join()),
			]),
		);
	} catch {
		throw new ResourceNotFoundError(uri.href);
	}
}
