"""What customers may ask of the company that decides for them: that it leaves their profile unread."""
