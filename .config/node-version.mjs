// Linux brings its own Node by npm (see optionalDependencies); elsewhere the installed one must be new enough.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Hackonomics needs Node 22.18 or newer; this is ${process.versions.node}. Install a newer Node, or run npm ci with optional dependencies.`,
  );
  process.exit(1);
}
