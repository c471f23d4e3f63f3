-- When a customer was archived, and into which other one it was merged, if it was.
ALTER TABLE customer ADD COLUMN archived_at BIGINT;
ALTER TABLE customer ADD COLUMN merged_into TEXT;
