"""What a portal's answer is: what families return of it, bounded bodies, walls, pages that say gone."""
