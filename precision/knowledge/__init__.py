"""What the product knows from published sources: tables with name, version, licence and check sum."""
