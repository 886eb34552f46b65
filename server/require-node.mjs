// Runs on any Node: says what to do when the install did not bring the Node that the TypeScript sources need.
const needed = 24
if (Number(process.versions.node.split('.')[0]) < needed) {
  console.error(
    `Rejoin runs on Node ${needed} or later, and this is ${process.version}.\n` +
      'On Linux x64 the install brings its own: run "npx -y pnpm@12 install" and try again. Elsewhere, install Node first.',
  )
  process.exit(1)
}
