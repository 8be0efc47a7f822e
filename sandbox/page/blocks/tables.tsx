// table and data_table blocks: the first row is the head.
import { useState } from "preact/hooks";
import { RichText } from "./rich-text.tsx";
import type { Block, Cell } from "./types.ts";

export function Table({ block }: { block: Block }) {
  const [head = [], ...rows] = block.rows ?? [];
  const size = block.type === "data_table" ? (block as { page_size?: number }).page_size : undefined;
  const [page, setPage] = useState(0);
  const pages = size ? Math.max(1, Math.ceil(rows.length / size)) : 1;
  const shown = size ? rows.slice(page * size, (page + 1) * size) : rows;
  return (
    <div class="table-frame">
      <table class="block-table">
        {block.caption && <caption>{block.caption}</caption>}
        <thead>
          <tr>
            {head.map((cell, column) => (
              <th key={column} scope="col" style={alignment(block, column)}>
                <CellContent cell={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column} style={alignment(block, column)}>
                  <CellContent cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {pages > 1 && (
        <nav class="table-pages" aria-label="Table pages">
          <button type="button" disabled={page === 0} onClick={() => setPage(page - 1)}>
            Previous
          </button>
          <span>
            {page + 1} / {pages}
          </span>
          <button type="button" disabled={page === pages - 1} onClick={() => setPage(page + 1)}>
            Next
          </button>
        </nav>
      )}
    </div>
  );
}

function CellContent({ cell }: { cell: Cell }) {
  if (cell.type === "rich_text")
    return <RichText block={{ type: "rich_text", elements: cell.elements ?? [] }} />;
  return <>{cell.text ?? cell.value ?? ""}</>;
}

function alignment(block: Block, column: number): { textAlign: "left" | "center" | "right" } | undefined {
  const align = block.column_settings?.[column]?.align;
  return align === "left" || align === "center" || align === "right" ? { textAlign: align } : undefined;
}
