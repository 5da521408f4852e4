"""What each treatment would change, and what needs attention."""
