// The entry of `npm start`: plain JavaScript, so that an old Node can at least be told from the right one.
const NEEDED = 24;
const major = Number(process.versions.node.split('.')[0]);

if (major < NEEDED) {
	console.error(
		`Bulwark and n8n need Node ${NEEDED} or newer; this is Node ${process.versions.node}.\n` +
			`-> \`npm install\` brings Node ${NEEDED} along where it can; else install it from your system or nodejs.org.`,
	);
	process.exit(1);
} else {
	await import('./main.ts');
}
