using System.Text;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Wire;

/// <summary>Keeps every frame it is handed, texts copied.</summary>
internal sealed class RecordedFrames : IFrameHandler, IFileFrameHandler
{
    public List<object> All { get; } = [];

    public bool HasEnded { get; private set; }

    public int LargestFrame { get; set; } = Limits.MaxFrame;

    public IFileFrameHandler Files => this;

    public void On(in FileOfferFrame frame) => All.Add(frame);

    public void On(in FileWantedFrame frame) => All.Add(frame);

    public void On(in FileTakeFrame frame) => All.Add(frame);

    public void On(in FileCreditFrame frame) => All.Add(frame);

    public void On(in FileDataFrame frame) => All.Add((frame.Id, frame.Round, frame.Offset, Convert.ToHexString(frame.Data.Span)));

    public void On(in FileEndFrame frame) => All.Add((frame.Id, frame.Round, Convert.ToHexString(frame.Sha256.Span)));

    public void On(in FileDoneFrame frame) => All.Add((frame.Id, Convert.ToHexString(frame.Sha256.Span)));

    public void On(in FileStopFrame frame) => All.Add(frame);

    public void On(in HelloFrame frame) => All.Add((frame.Profile.Name, string.Join(',', frame.Profile.Capabilities), frame.Profile.Port, frame.Waiting));

    public void On(in ResumeFrame frame) => All.Add(frame);

    public void On(in MessageFrame frame) => All.Add((frame.Sequence, frame.Id, frame.SentAt, Encoding.UTF8.GetString(frame.Text.Span), frame.InReplyTo, frame.ExpiresAt, frame.Kind));

    public void On(in SkipFrame frame) => All.Add(frame);

    public void On(in AckFrame frame) => All.Add(frame);

    public void On(in PingFrame frame) => All.Add(frame);

    public void On(in PongFrame frame) => All.Add(frame);

    public void On(in CloseFrame frame)
    {
        HasEnded = true;
        All.Add(frame);
    }

    public void On(in ReadFrame frame) => All.Add(Convert.ToHexString(frame.Ids.Span));

    public void On(in ReadStoredFrame frame) => All.Add(frame);

    public void On(in RekeyFrame frame) => All.Add((frame.Step, Convert.ToHexString(frame.Message.Span)));
}
