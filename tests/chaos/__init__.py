"""The product under attack, measured: mutated answers, kills, hostile servers, injected text, leaked secrets."""
