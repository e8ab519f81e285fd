//! Does it match? Label selectors, node selectors and tolerations, as the controller and the scheduler ask.
