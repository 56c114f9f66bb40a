// The native addon's names: what cargo calls it and where the package looks for it.
const libraryNames = {
  darwin: 'libtickforge_node.dylib',
  win32: 'tickforge_node.dll',
}

/** The file cargo writes into its profile folder. */
export const libraryName = libraryNames[process.platform] ?? 'libtickforge_node.so'

/** `linux-x64`, `darwin-arm64`, … */
export const platformName = `${process.platform}-${process.arch}`

/** The addon's place in the package, relative to the root. */
export const addonPath = `dist/native/tickforge.${platformName}.node`
