"""What an onboarding session is made of: skills, the lifecycle, and what has been recorded."""
