namespace PSSecureChat.Engine;

/// <summary>Answers to messages.</summary>
public sealed partial class ChatEngine
{
    private readonly Dictionary<Guid, long> _lastAnswers = [];
    private readonly Queue<Guid> _questions = new();

    /// <summary>
    /// The oldest stored answer that was not given out yet, whether or not it was read; null when there is none. Which was given
    /// out is known as long as the server runs and only of so many questions.
    /// </summary>
    /// <param name="question">The message that is answered.</param>
    /// <param name="peers">Whose answers count (fingerprints); null for anyone's.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public ChatMessage? FindAnswer(Guid question, IReadOnlyCollection<string>? peers, CancellationToken cancellationToken)
    {
        long last;
        lock (_lastAnswers)
        {
            last = _lastAnswers.GetValueOrDefault(question);
        }

        MessageQuery query = new() { Peers = peers, Direction = ChatDirection.Incoming, InReplyTo = question, AfterIndex = last };
        return ReadMessages(query, cancellationToken).FirstOrDefault();
    }

    /// <summary>Notes that an answer was given out.</summary>
    public void AnswerGiven(Guid question, long index)
    {
        lock (_lastAnswers)
        {
            if (_lastAnswers.TryAdd(question, index))
            {
                _questions.Enqueue(question);
            }

            _lastAnswers[question] = Math.Max(index, _lastAnswers[question]);
            if (_questions.Count > Limits.MaxQuestions)
            {
                _lastAnswers.Remove(_questions.Dequeue());
            }
        }
    }
}
