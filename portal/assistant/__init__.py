"""A model-context server (模型上下文服务): read-only tools by which an AI assistant asks the portal, with the sources of each answer."""
