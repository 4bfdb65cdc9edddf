// Two chosen cities of the table side by side; which, stands in the address. Without this script the whole table is shown.
const place = document.getElementById("choose")
const rows = [...document.querySelectorAll("table.compare tbody tr")]
const nameOf = (row) => row.querySelector("th").textContent.trim()
const chosen = () => decodeURIComponent(location.hash.slice(1)).split("+").filter(Boolean)

const picks = [0, 1].map((number) => {
  const label = document.createElement("label")
  const pick = document.createElement("select")
  label.append(place.dataset[number ? "second" : "first"], " ", pick)
  pick.append(new Option(place.dataset.all, ""))
  for (const name of rows.map(nameOf).sort((a, b) => a.localeCompare(b, document.documentElement.lang)))
    pick.append(new Option(name, name))
  pick.addEventListener("change", () => {
    history.replaceState(null, "", "#" + picks.map((one) => one.value).filter(Boolean).map(encodeURIComponent).join("+"))
    show()
  })
  place.append(label)
  return pick
})

function show() {
  const names = chosen()
  picks.forEach((pick, number) => { pick.value = names[number] ?? "" })
  const known = picks.map((pick) => pick.value).filter(Boolean)
  for (const row of rows) row.hidden = known.length > 0 && !known.includes(nameOf(row))
}

addEventListener("hashchange", show)
show()
place.hidden = false
