/** As if the person had followed a link to the file. */
export function save({ name, content }: { name: string; content: Blob }) {
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // The browser takes its own hold of the file when the download begins.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
