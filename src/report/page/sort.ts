/** Makes the column heads of a table sort its rows: numbers by value, words by alphabet. */
export function makeSortable(table: HTMLTableElement): void {
  const body = table.tBodies[0]
  if (body === undefined) return
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])]
  heads.forEach((head, column) => {
    head.querySelector('button')?.addEventListener('click', () => {
      const ascending = head.getAttribute('aria-sort') !== 'ascending'
      for (const other of heads) other.removeAttribute('aria-sort')
      head.setAttribute('aria-sort', ascending ? 'ascending' : 'descending')
      const keyed = [...body.rows].map(row => ({ row, key: keyOf(row.cells[column]) }))
      keyed.sort((a, b) => compareKeys(a.key, b.key) * (ascending ? 1 : -1))
      body.append(...keyed.map(entry => entry.row))
    })
  })
}

function keyOf(cell: HTMLTableCellElement | undefined): number | string {
  const value = cell?.dataset['v']
  return value === undefined ? (cell?.textContent ?? '') : Number(value)
}

function compareKeys(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a).localeCompare(String(b))
}
