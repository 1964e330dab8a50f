"""What model calls cost, who pays, and what is saved."""
