"""Records of forms: fields, layouts, sessions."""
