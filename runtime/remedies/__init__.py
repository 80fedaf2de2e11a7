"""What might mend a problem, by the class of the fault; runtime.fixes offers what is shown to do so."""
