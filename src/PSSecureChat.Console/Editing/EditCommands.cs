using RadLine;

namespace PSSecureChat.Terminal.Editing;

/// <summary>A command of the editor made from a function.</summary>
internal sealed class EditCommand(Action<LineEditorContext> execute) : LineEditorCommand
{
    public override void Execute(LineEditorContext context) => execute(context);
}

/// <summary>What RadLine does not do, or does by the character where a user sees an emoji.</summary>
internal static class EditCommands
{
    public static void Backspace(LineEditorContext context)
    {
        int end = context.Buffer.Position;
        if (context.Buffer.MoveLeft()) // to the beginning of the text element
        {
            context.Buffer.Clear(context.Buffer.Position, end - context.Buffer.Position);
        }
    }

    public static void Delete(LineEditorContext context)
    {
        int start = context.Buffer.Position;
        if (!context.Buffer.AtEnd && context.Buffer.MoveRight())
        {
            int end = context.Buffer.Position;
            context.Buffer.Move(start);
            context.Buffer.Clear(start, end - start);
        }
    }

    public static void DeleteToStart(LineEditorContext context)
    {
        int end = context.Buffer.Position;
        context.Buffer.Move(0);
        context.Buffer.Clear(0, end);
    }

    public static void DeleteToEnd(LineEditorContext context) =>
        context.Buffer.Clear(context.Buffer.Position, context.Buffer.Length - context.Buffer.Position);

    public static void DeleteWord(LineEditorContext context)
    {
        int end = context.Buffer.Position;
        while (context.Buffer.Position > 0 && char.IsWhiteSpace(context.Buffer.Content[context.Buffer.Position - 1]))
        {
            context.Buffer.MoveLeft();
        }

        while (context.Buffer.Position > 0 && !char.IsWhiteSpace(context.Buffer.Content[context.Buffer.Position - 1]))
        {
            context.Buffer.MoveLeft();
        }

        context.Buffer.Clear(context.Buffer.Position, end - context.Buffer.Position);
    }

    /// <summary>Replaces the whole line.</summary>
    public static void Replace(LineBuffer buffer, string text, int cursor)
    {
        buffer.Move(0);
        buffer.Clear(0, buffer.Length);
        buffer.Insert(text);
        buffer.Move(cursor);
    }
}
